'use strict'
// a bundler in a few lines: pages of Markdown, and a style sheet under a name that holds its hash
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, readdirSync, writeFileSync } = require('node:fs')
const { marked } = require('marked')

mkdirSync('dist/assets', { recursive: true })
const css = readFileSync('src/style.css')
const sheet = `assets/style-${createHash('sha256').update(css).digest('hex').slice(0, 8)}.css`
writeFileSync(`dist/${sheet}`, css)
for (const file of readdirSync('src').filter((name) => name.endsWith('.md'))) {
  const page = marked(readFileSync(`src/${file}`, 'utf8'))
  const head = `<!doctype html><meta charset="utf-8"><title>Almanac</title><link rel="stylesheet" href="/${sheet}">`
  writeFileSync(`dist/${file.replace(/md$/, 'html')}`, head + page)
}
