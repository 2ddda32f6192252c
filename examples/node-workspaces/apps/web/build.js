import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { marked } from 'marked'

mkdirSync('dist', { recursive: true })
writeFileSync('dist/notice.html', marked(readFileSync('src/notice.md', 'utf8')))
