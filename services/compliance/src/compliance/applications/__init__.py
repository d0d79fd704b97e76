"""Applications (业务申请): one form for an account, a loan or a card; options stay optional (M058, M135)."""
