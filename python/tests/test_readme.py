# #region pytest
from inference_testkit import (
    WorkerHarness,
    assert_successful_completion,
    assert_token_count,
    collect_sse_events,
    extract_text,
    make_test_request,
)


def test_a_prompt_is_answered_with_five_tokens(mock_worker: WorkerHarness) -> None:
    response = mock_worker.execute(make_test_request("job-1", "Hello", 5))
    events = collect_sse_events(response)

    assert_successful_completion(events)
    assert_token_count(events, 5)
    assert extract_text(events) != ""


# #endregion
