package main

import "net/http"

func main() {
	go http.ListenAndServe("localhost:6060", nil)
	http.ListenAndServe(":9100", nil)
}
