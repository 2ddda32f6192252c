'use strict';

// Counters, gauges and histograms in Prometheus' text format, without a library.
// https://prometheus.io/docs/instrumenting/exposition_formats/

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

function escape(value) {
  return String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function series(name, labels, value) {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}

class Counter {
  #name;
  #help;
  #values = new Map();

  constructor(name, help) {
    this.#name = name;
    this.#help = help;
  }

  add(labels = {}, amount = 1) {
    const key = JSON.stringify(labels);
    const { value } = this.#values.get(key) ?? { value: 0 };
    this.#values.set(key, { labels, value: value + amount });
  }

  lines() {
    const found = [...this.#values.values()].map(({ labels, value }) => series(this.#name, labels, value));
    return [`# HELP ${this.#name} ${this.#help}`, `# TYPE ${this.#name} counter`, ...found];
  }
}

class Gauge {
  #name;
  #help;
  #read;

  constructor(name, help, read) {
    this.#name = name;
    this.#help = help;
    this.#read = read;
  }

  lines() {
    return [
      `# HELP ${this.#name} ${this.#help}`,
      `# TYPE ${this.#name} gauge`,
      series(this.#name, {}, this.#read()),
    ];
  }
}

class Histogram {
  #name;
  #help;
  #counts = SECONDS.map(() => 0);
  #count = 0;
  #sum = 0;

  constructor(name, help) {
    this.#name = name;
    this.#help = help;
  }

  observe(seconds) {
    this.#count += 1;
    this.#sum += seconds;
    SECONDS.forEach((bound, index) => {
      if (seconds <= bound) this.#counts[index] += 1;
    });
  }

  lines() {
    return [
      `# HELP ${this.#name} ${this.#help}`,
      `# TYPE ${this.#name} histogram`,
      ...SECONDS.map((bound, index) => series(`${this.#name}_bucket`, { le: bound }, this.#counts[index])),
      series(`${this.#name}_bucket`, { le: '+Inf' }, this.#count),
      series(`${this.#name}_sum`, {}, this.#sum),
      series(`${this.#name}_count`, {}, this.#count),
    ];
  }
}

function text(metrics) {
  return `${metrics.flatMap((metric) => metric.lines()).join('\n')}\n`;
}

module.exports = { Counter, Gauge, Histogram, text };
