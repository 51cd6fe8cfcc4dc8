"""What each way costs a team's code: person-days as distributions, with the parts, the plan and the record."""
