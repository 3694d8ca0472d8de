# cache-lint: ignore[CL901, CL900] -- kept for the next release
x = 1
