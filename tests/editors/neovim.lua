-- Takes the steps of a job, as a person would take them, and writes down what comes of each.

local job = vim.fn.json_decode(table.concat(vim.fn.readfile(vim.env.JOB), '\n'))
vim.lsp.set_log_level('debug')

local function wait(what, find)
  local found
  vim.wait(job.patience, function()
    found = find()
    return found ~= nil
  end, 20)
  return found == nil and error('waited in vain for ' .. what) or found
end

-- Puts the cursor before a text that is looked for from the top, or some characters behind its start.
local function go(step)
  vim.fn.cursor(1, 1)
  if vim.fn.search('\\C\\V' .. vim.fn.escape(step.at, '\\'), 'cW') == 0 then
    error('there is no ' .. step.at)
  end
  if step.skip then
    vim.cmd('normal! ' .. step.skip .. 'l')
  end
end

local function place()
  return {
    path = vim.api.nvim_buf_get_name(0),
    line = vim.fn.line('.'),
    word = vim.fn.expand('<cword>'),
  }
end

-- 1-based, in characters.
local function point(line, column)
  local text = vim.api.nvim_buf_get_lines(0, line, line + 1, false)[1] or ''
  return (line + 1) .. ':' .. (vim.str_utfindex(text, math.min(column, #text)) + 1)
end

local function findings()
  local found = {}
  for _, it in ipairs(vim.diagnostic.get(0)) do
    local code = it.user_data and it.user_data.lsp and it.user_data.lsp.code or it.code
    local first = vim.split(it.message, '\n')[1]
    table.insert(found, point(it.lnum, it.col) .. '-' .. point(it.end_lnum, it.end_col) .. ' ' .. code .. ': ' .. first)
  end
  table.sort(found)
  return found
end

-- Something that is another one after any change of any text.
local function state()
  local ticks = {}
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      table.insert(ticks, buffer .. ':' .. vim.api.nvim_buf_get_changedtick(buffer))
    end
  end
  return table.concat(ticks, ' ')
end

local steps = {}

function steps.open(step)
  vim.cmd('edit ' .. vim.fn.fnameescape(step.path))
  return { format = vim.bo.fileformat, encoding = vim.bo.fileencoding }
end

-- The findings of the file, as soon as they are those, or after a long while.
function steps.await(step)
  vim.wait(job.patience, function()
    return vim.deep_equal(findings(), step.findings)
  end, 20)
  return findings()
end

function steps.type(step)
  go(step)
  vim.api.nvim_feedkeys('i' .. step.text, 'xt', true)
  return true
end

function steps.line(step)
  go(step)
  vim.fn.append(vim.fn.line('.') - 1, step.text)
  return true
end

function steps.undo()
  vim.cmd('undo')
  return true
end

function steps.hover(step)
  go(step)
  vim.lsp.buf.hover()
  local window = wait('a hover', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        return window
      end
    end
  end)
  local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
  vim.api.nvim_win_close(window, true)
  return table.concat(lines, '\n')
end

function steps.definition(step)
  go(step)
  local before = place()
  vim.lsp.buf.definition()
  return wait('a definition', function()
    return not vim.deep_equal(place(), before) and place() or nil
  end)
end

function steps.complete(step)
  go(step)
  local words = {}
  local position = vim.lsp.util.make_position_params(0, 'utf-16')
  for _, answer in pairs(vim.lsp.buf_request_sync(0, 'textDocument/completion', position, job.patience)) do
    for _, item in ipairs(answer.result.items) do
      table.insert(words, item.textEdit.newText)
    end
  end
  return words
end

function steps.lenses()
  vim.lsp.codelens.refresh()
  local lenses = wait('a lens', function()
    local lenses = vim.lsp.codelens.get(0)
    return #lenses > 0 and lenses or nil
  end)
  return vim.tbl_map(function(lens)
    return (lens.range.start.line + 1) .. ': ' .. lens.command.title
  end, lenses)
end

-- Takes the action whose title starts like this, and waits until it has changed or opened a text, or said something.
function steps.act(step)
  if step.at then
    go(step)
  end
  local listed = { titles = {}, asked = {} }
  local select = vim.ui.select
  local is_done = false
  vim.ui.select = function(items, options, choose)
    local chosen
    for _, item in ipairs(items) do
      local title = options.format_item(item)
      table.insert(listed.titles, title)
      local action = item.action or item[2]
      if action.isPreferred then
        listed.preferred = title
      end
      if vim.startswith(title, step.title) then
        chosen = chosen or item
      end
    end
    is_done = true
    choose(chosen)
  end
  local before, said = state(), vim.api.nvim_exec('messages', true)
  local context = step.only and { only = { step.only } } or nil
  vim.lsp.buf.code_action(vim.fn.has('nvim-0.8') == 1 and { context = context } or context)
  vim.wait(job.patience, function()
    return is_done and (state() ~= before or step.says and vim.api.nvim_exec('messages', true) ~= said)
  end, 20)
  vim.ui.select = select
  return listed
end

function steps.messages()
  return vim.api.nvim_exec('messages', true)
end

-- What is said about a rule or a hook: a page that is opened, or a message.
function steps.explained(step)
  return wait('an explanation', function()
    local messages = vim.api.nvim_exec('messages', true)
    if string.find(messages, step.name .. ': ', 1, true) then
      return messages
    end
    local is_open = vim.endswith(vim.api.nvim_buf_get_name(0), '/' .. step.name .. '.md')
    return is_open and table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') or nil
  end)
end

function steps.save()
  vim.cmd('wall')
  return true
end

local report = { answers = {} }
local ok, problem = pcall(function()
  for _, step in ipairs(job.steps) do
    table.insert(report.answers, steps[step['do']](step))
  end
end)
report.error = not ok and tostring(problem) or nil
vim.fn.writefile({ vim.fn.json_encode(report) }, vim.env.REPORT)
for _, client in ipairs(vim.lsp.get_active_clients()) do
  client.stop()
end
vim.wait(5000, function()
  return #vim.lsp.get_active_clients() == 0
end, 20)
vim.cmd('qall!')
