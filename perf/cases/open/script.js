import http from "k6/http";
import { check } from "k6";

export const options = {
  scenarios: {
    open: {
      executor: "constant-arrival-rate",
      rate: Number(__ENV.RATE),
      duration: `${__ENV.SECONDS}s`,
      preAllocatedVUs: 200,
      maxVUs: 1000,
    },
  },
};

export default function () {
  const response = http.get("http://127.0.0.1:8080/");
  check(response, {
    status: (r) => r.status === 200,
    code: (r) => r.json().code === 0,
  });
}
