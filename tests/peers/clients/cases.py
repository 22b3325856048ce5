"""What every client of the tests is asked to do, and how a test asks for it: one JSON line in, one JSON line out."""
import json
import sys

PROMPT = "How is the weather in Paris?"
TOOL_NAME = "weather"
TOOL_RESULT = "sunny"
TOOL_PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ABORT_AFTER = 3  # pieces of a stream that are read before it is aborted


def serve(client):
    """Answers one request after the other with the method of its name, until the input ends: what is open stays open until then."""
    for line in sys.stdin:
        options = json.loads(line)
        try:
            answer = getattr(client, options.pop("run"))(**options)
        except Exception as error:
            answer = {"error": describe(error)}
        print(json.dumps(answer), flush=True)


def describe(error):
    """An error as the application of a client would see it."""
    return {"class": type(error).__name__, "status": getattr(error, "status_code", None), "message": str(error)}
