-- Sends the requests of a file by turns: lines of "METHOD<tab>path<tab>token<tab>body". Prints one line of JSON at the end.
local requests, turn, refused = {}, 0, 0

function init(arguments)
   for line in io.lines(os.getenv("REQUESTS")) do
      local method, path, token, body = line:match("^(%u+)\t([^\t]+)\t([^\t]+)\t(.*)$")
      local headers = {["Authorization"] = "Bearer " .. token}
      if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
      requests[#requests + 1] = wrk.format(method, path, headers, body)
   end
end

function request()
   turn = turn % #requests + 1
   return requests[turn]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'RESULT {"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "refused": %d, "broken": %d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
