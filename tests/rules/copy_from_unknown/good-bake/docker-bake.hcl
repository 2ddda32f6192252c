target "x" {
  contexts = { builder = "target:builder" }
}
