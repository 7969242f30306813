module boomtalk.example/server

go 1.21
