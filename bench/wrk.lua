-- Asks for the slugs of a file in turn, from the given one on, as a browser would, and prints what was seen as one line
-- of JSON. Arguments: the file, and how many slugs to leave out first.
local requests = {}
local at = 0

function init(args)
  wrk.headers["User-Agent"] =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
  wrk.headers["Referer"] = "https://www.example.org/newsletter/2026/week-47"
  wrk.headers["Accept-Language"] = "en-GB,en;q=0.9,de;q=0.8"
  for slug in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", "/" .. slug)
  end
  at = tonumber(args[2])
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'result {"answers":%d,"micros":%d,"p50":%d,"p99":%d,"errors":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
