import http from "k6/http";
import { check } from "k6";

const item = {
  name: "a new item",
  count: 3,
  price: 19.95,
  tags: ["one", "two", "three"],
  text: "x".repeat(900),
};
const params = { headers: { "Content-Type": "application/json" } };

export default function () {
  const response = http.post("http://127.0.0.1:8080/items", JSON.stringify(item), params);
  const body = response.json();
  check(response, {
    status: (r) => r.status === 200,
    code: () => body.code === 0,
    id: () => body.data.id === 42,
    token: () => body.data.token.length > 0,
  });
}
