# frozen_string_literal: true

require_relative "lib/quotes"

run Quotes.new(ENV.fetch("AUTHOR", ""))
