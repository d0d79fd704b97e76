"""Tariff (服务价目): what is charged for, how much from which day on, for whom less, where published."""
