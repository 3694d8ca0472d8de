-- Run in Neovim, in a copy of fixtures/demo with catalog/models.py open: shows what is found, edits, and mends.
local function told()
  local lines = {}
  for _, found in ipairs(vim.diagnostic.get(nil)) do
    local file = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(found.bufnr), ":.")
    table.insert(lines, string.format("%s:%d:%d %s", file, found.lnum + 1, found.col + 1, found.code))
  end
  table.sort(lines)
  return lines
end

local function say(what)
  io.stdout:write(what .. "\n")
end

local function await(what, is_so)
  if not vim.wait(30000, is_so, 20) then
    say("not so after 30 seconds: " .. what)
    for _, line in ipairs(told()) do say(line) end
    vim.cmd("cquit 1")
  end
end

local command = { os.getenv("CACHE_LINT"), "server" }
local client = vim.lsp.start_client({ cmd = command, root_dir = vim.fn.getcwd() })
vim.lsp.buf_attach_client(0, client)
await("findings", function() return #vim.diagnostic.get(nil) == 4 end)
say("opened")
for _, line in ipairs(told()) do say(line) end

vim.api.nvim_buf_set_lines(0, 0, 0, false, { "# é 🐍", "" })
await("findings two lines below", function() return vim.diagnostic.get(0)[1].lnum == 7 end)
say("edited")
for _, line in ipairs(told()) do say(line) end

vim.api.nvim_win_set_cursor(0, { 8, 8 })
local params = vim.lsp.util.make_range_params()
params.context = { diagnostics = {} }
local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, 30000)
local action = answers[client].result[1]
say("action: " .. action.title)
vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
vim.cmd("silent wall")
vim.lsp.buf_notify(0, "textDocument/didSave", { textDocument = { uri = vim.uri_from_bufnr(0) } })
await("one finding less", function() return #vim.diagnostic.get(nil) == 3 end)
say("mended")
for _, line in ipairs(told()) do say(line) end
vim.lsp.stop_client(client)
await("the end of the server", function() return vim.lsp.client_is_stopped(client) end)
vim.cmd("qall!")
