"""Performance benchmarks (业绩比较基准): one at a time, approved, all earlier ones on show (PRD-10)."""
