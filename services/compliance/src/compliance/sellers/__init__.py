"""Register of sellers: who may sell what, from staffing's employees and qualifications."""
