def is_ready(answer="yes"):
    return answer == "yes"


def suite_variables():
    return {"who": "eve"}
