const port = 3000;
require("express")().listen(port, "127.0.0.1", () => 0);
