from locust import FastHttpUser, task


class Visitor(FastHttpUser):
    @task
    def shop(self) -> None:
        self.client.client.cookiejar.clear()
        with self.client.post(
            "/login", json={"user": "bob", "password": "secret"}, catch_response=True
        ) as response:
            if response.status_code != 200:
                response.failure("wrong answer")
            token = response.json()["data"]["token"]
        found = self.visit("/account/list", token)
        for page in ("item", "cart", "order", "bill"):
            found = self.visit(f"/account/{page}?id={found}", token)

    def visit(self, url: str, token: str) -> str:
        with self.client.get(
            url, headers={"X-Token": token}, name=url.partition("?")[0], catch_response=True
        ) as response:
            body = response.json()
            if response.status_code != 200 or body["code"] != 0:
                response.failure("wrong answer")
            found: str = body["data"]["id"]
            return found
