"""Regular plans: set up by a recorded sale, each debit judged anew, suspended by the first that fails."""
