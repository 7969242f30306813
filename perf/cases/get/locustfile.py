from locust import FastHttpUser, task


class Visitor(FastHttpUser):
    @task
    def get(self) -> None:
        with self.client.get("/", catch_response=True) as response:
            if response.status_code != 200 or response.json()["code"] != 0:
                response.failure("wrong answer")
