# cache-lint: ignore
# cache-lint: disable=CL101
x = 1
