import http from "k6/http";
import { check } from "k6";

const site = "http://127.0.0.1:8080";
const params = { headers: { "Content-Type": "application/json" } };

function visit(page, token) {
  const response = http.get(`${site}/account/${page}`, { headers: { "X-Token": token } });
  const body = response.json();
  check(response, { status: (r) => r.status === 200, code: () => body.code === 0 });
  return body.data.id;
}

export default function () {
  const login = JSON.stringify({ user: "bob", password: "secret" });
  const response = http.post(`${site}/login`, login, params);
  check(response, { status: (r) => r.status === 200 });
  const token = response.json().data.token;
  let id = visit("list", token);
  for (const page of ["item", "cart", "order", "bill"]) {
    id = visit(`${page}?id=${id}`, token);
  }
}
