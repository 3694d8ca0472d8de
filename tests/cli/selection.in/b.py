# cache-lint: file-ignore[CL900] -- nothing to hide
x = 1
