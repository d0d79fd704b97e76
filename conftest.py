"""What every suite shares: the harvest of rule and mechanism marks."""

pytest_plugins = ["tools.rules.plugin"]
