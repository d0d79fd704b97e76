"""Orders, as core banking reports them: placed, confirmed, cancelled."""
