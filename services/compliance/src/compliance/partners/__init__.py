"""Partners (合作机构名单): the institutions whose products the bank may sell, admitted by head office."""
