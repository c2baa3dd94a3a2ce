raise SystemExit("a fake was imported")
