-- Asks for the slugs of a file in turn, from the given one on, as a browser would, and prints what was seen as one line
-- of JSON. A slug may have, behind a tab, the client a proxy would name. Arguments: the file, how many slugs to leave out
-- first, and how many milliseconds a connection rests after an answer, on average.
local requests = {}
local at = 0
local rest = 0

function init(args)
  wrk.headers["User-Agent"] =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
  wrk.headers["Referer"] = "https://www.example.org/newsletter/2026/week-47"
  wrk.headers["Accept-Language"] = "en-GB,en;q=0.9,de;q=0.8"
  for line in io.lines(args[1]) do
    local slug, client = line:match("^([^\t]*)\t(.*)$")
    wrk.headers["X-Forwarded-For"] = client
    requests[#requests + 1] = wrk.format("GET", "/" .. (slug or line))
  end
  at = tonumber(args[2])
  rest = tonumber(args[3] or "0")
  -- Without the function wrk does not rest at all.
  if rest > 0 then
    function delay()
      return math.random(0, 2 * rest)
    end
  end
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
