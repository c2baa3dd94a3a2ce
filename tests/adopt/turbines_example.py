from turbines.job import Job, main
from turbines.records import Reading

past = [Reading(f"T{n}", 3.0 + n, 2.5 * n) for n in range(12)]
print(Job("config/job.toml", margin=2.0).forecast(past, [Reading("T1", 8.0), Reading("T2", 9.5)]))
main(["7.5"])
