from locust import FastHttpUser, task

ITEM = {
    "name": "a new item",
    "count": 3,
    "price": 19.95,
    "tags": ["one", "two", "three"],
    "text": "x" * 900,
}


class Visitor(FastHttpUser):
    @task
    def post(self) -> None:
        with self.client.post("/items", json=ITEM, catch_response=True) as response:
            body = response.json()
            right = response.status_code == 200 and body["code"] == 0 and body["data"]["id"] == 42
            if not right or not body["data"]["token"]:
                response.failure("wrong answer")
