console.log(JSON.stringify({ ms: 172800000, dev: false, uid: process.getuid() }))
