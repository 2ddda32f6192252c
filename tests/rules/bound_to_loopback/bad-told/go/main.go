package main

import "net/http"

func main() {
	go http.ListenAndServe("localhost:6060", nil)
	http.ListenAndServe("127.0.0.1:9100", nil)
}
