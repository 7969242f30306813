import http from "k6/http";
import { check } from "k6";

export default function () {
  const response = http.get(__ENV.URL);
  check(response, {
    status: (r) => r.status === 200,
    code: (r) => r.json().code === 0,
  });
}
