# cache-lint: ignore[CL900]
x = 1

y = 2  # cache-lint: ignore[CL9000, CL900] -- reason
