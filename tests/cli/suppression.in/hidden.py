# cache-lint: file-ignore[CL900] -- a template
x = (
