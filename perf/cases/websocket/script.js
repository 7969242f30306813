import ws from "k6/ws";
import { check } from "k6";

export default function () {
  const response = ws.connect("ws://127.0.0.1:8080/ws", (socket) => {
    let number = 1;
    socket.on("open", () => socket.send(`hello ${number}`));
    socket.on("message", (text) => {
      check(text, { same: (t) => t === `hello ${number}` });
      number += 1;
      if (number > 10) socket.close();
      else socket.send(`hello ${number}`);
    });
  });
  check(response, { status: (r) => r && r.status === 101 });
}
