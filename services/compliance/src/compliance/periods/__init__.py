"""Calendar periods of the law: months that end on a day, days that end as an instant."""
