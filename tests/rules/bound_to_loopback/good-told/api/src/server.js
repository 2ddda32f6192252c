// app.listen(3000, "127.0.0.1")
require("express")().listen(3000, "0.0.0.0");
require("express")().listen(9000, "127.0.0.1");
