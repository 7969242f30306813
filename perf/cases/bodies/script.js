import http from "k6/http";
import { check } from "k6";

export default function () {
  const response = http.get("http://127.0.0.1:8080/items");
  check(response, {
    status: (r) => r.status === 200,
    code: (r) => r.json().code === 0,
  });
}
