"""PRI-08: what proves to a bank who somebody is never enters: passwords, codes, card secrets, biometrics.

It is category C3 of JR/T 0171-2020 (section 4). Schemas are closed and name none of it, so that it can only
come as a field nobody has declared; such a field is told from a misspelt one by its name.
"""

import unicodedata

#: Whole names, by letters and digits alone.
NAMES = frozenset(
    """
    pin pinblock passcode passphrase secretanswer otp onetimepassword onetimecode dynamiccode smscode
    verificationcode captcha cvc cvc2 track track1 track2 magneticstripe chipdata cardexpiry cardexpirydate
    cardvalidthru fingerprinttemplate facetemplate facefeature faceprint iris irisscan privatekey
    动态口令 磁道 磁道信息 卡片有效期 卡有效期 指纹 声纹 虹膜 人脸特征 密保答案
    """.split()
)
#: The same at the end of longer names: `login_password`, 支付密码.
ENDINGS = tuple("password passwd pwd cvv cvv2 cvn cvn2 fingerprint voiceprint 密码 验证码".split())


def is_credential(name: str) -> bool:
    """Whether a field of this name would hold what only its owner may know or be."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    plain = "".join(one for one in folded if one.isalnum())
    return plain in NAMES or plain.endswith(ENDINGS)
