x = "# cache-lint: ignore"
