# cache-lint: ignore[CL900]
x = 1
