# frozen_string_literal: true

require "json"

# Answers each request with a quote, or with what there is to know about the process.
class Quotes
  ALL = {
    "Ada Lovelace" => "That brain of mine is something more than merely mortal.",
    "Grace Hopper" => "A ship in port is safe, but that is not what ships are for.",
  }.freeze

  def initialize(author)
    @quotes = author.empty? ? ALL : ALL.slice(author)
  end

  def call(env)
    case env["PATH_INFO"]
    when "/" then answer(200, quotes: @quotes)
    when "/healthz" then answer(200, ruby: RUBY_VERSION, uid: Process.uid)
    else answer(404, error: "not here")
    end
  end

  private

  def answer(status, **body)
    [status, { "content-type" => "application/json" }, ["#{JSON.generate(body)}\n"]]
  end
end
