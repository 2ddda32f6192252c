# pack.rb FOLDER: gems, and the index of them, out of what Debian's packages of gems have installed. Their files lie in
# folders common to all; which are a gem's own, dpkg knows. Native extensions go in as they were built for this Ruby.
require "fileutils"
require "rubygems/package"
require "tmpdir"
require "zlib"

OWN_TOOLS = %w[bundler rubygems-update].freeze

# Where a file of a package belongs in its gem, or nil.
def inside(path, specification)
  case path
  when %r{/rubygems-integration/[^/]+/gems/[^/]+/(.+)\z} then Regexp.last_match(1)
  when %r{/rubygems-integration/[^/]+/extensions/[^/]+/[^/]+/[^/]+/(.+\.so)\z} then "lib/#{Regexp.last_match(1)}"
  when %r{/vendor_ruby/(?:\d+\.\d+\.\d+/)?(.+)\z} then "lib/#{Regexp.last_match(1)}"
  when %r{\A/usr/bin/([^/]+)\z}
    name = Regexp.last_match(1)
    "#{specification.bindir}/#{name}" if specification.executables.include?(name)
  end
end

def pack(specification, package, folder)
  Dir.mktmpdir do |place|
    files = `dpkg-query --listfiles #{package}`.lines(chomp: true).select { |path| File.file?(path) }
    kept = files.filter_map do |path|
      target = inside(path, specification) or next
      FileUtils.mkdir_p(File.join(place, File.dirname(target)))
      FileUtils.cp(path, File.join(place, target))
      target
    end
    specification.files = kept.uniq
    specification.extensions = []
    specification.test_files = []
    specification.extra_rdoc_files = []
    specification.executables = specification.executables.select { |name| kept.include?("#{specification.bindir}/#{name}") }
    specification.require_paths = ["lib"]
    Dir.chdir(place) { FileUtils.mv(Gem::Package.build(specification, true), File.join(folder, "gems")) }
  end
  specification
end

# The index that Bundler reads where a server has no newer one: names, and a description of each gem.
def index(specifications, folder)
  names = specifications.map { |specification| [specification.name, specification.version, "ruby"] }
  lists = { "specs" => names, "latest_specs" => names, "prerelease_specs" => [] }
  lists.each { |list, entries| Zlib::GzipWriter.open("#{folder}/#{list}.4.8.gz") { |file| file.write(Marshal.dump(entries)) } }
  quick = "#{folder}/quick/Marshal.4.8"
  FileUtils.mkdir_p(quick)
  specifications.each do |specification|
    File.binwrite("#{quick}/#{specification.full_name}.gemspec.rz", Zlib::Deflate.deflate(Marshal.dump(specification)))
  end
end

folder = File.expand_path(ARGV.fetch(0))
FileUtils.mkdir_p("#{folder}/gems")
installed = Dir["/usr/{lib/*,share}/rubygems-integration/*/specifications/*.gemspec"]
packed = installed.filter_map do |path|
  specification = Gem::Specification.load(path)
  package = `dpkg-query --search #{path}`.split(": ").first
  next if specification.nil? || package.nil? || OWN_TOOLS.include?(specification.name)

  pack(specification.dup, package, folder)
end
index(packed, folder)
