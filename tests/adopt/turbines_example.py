import random

from turbines.job import Job, main
from turbines.records import Plan, Reading

draw = random.Random(2)
winds = [round(draw.uniform(2, 20), 1) for _ in range(120)]
past = [
    Reading(f"R-{n:04d}", f"t{n % 3 + 1}", wind, round(3.2 * wind + draw.gauss(0, 4), 2))
    for n, wind in enumerate(winds)
]
plans = [Plan(f"P-{n:03d}", f"t{n % 3 + 1}", None if n % 2 == 0 else winds[n]) for n in range(40)]
print(Job("config/job.yaml", margin=2.0).forecast(past, plans)[:2])
main(["7.5"])
