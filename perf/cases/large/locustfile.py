from locust import FastHttpUser, task


class Visitor(FastHttpUser):
    @task
    def large(self) -> None:
        self.client.get("/large")
