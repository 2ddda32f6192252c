<?php
// Debian's Composer is spread over /usr/share/php; one phar of it runs wherever it is copied to, as the official file does.
$own = 'phar://composer.phar/share/php/';
$phar = new Phar('/tmp/composer.phar', 0, 'composer.phar');
$phar->startBuffering();
$files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator('/usr/share/php', FilesystemIterator::SKIP_DOTS | FilesystemIterator::FOLLOW_SYMLINKS));
foreach ($files as $path => $file) {
    if ($file->isFile()) {
        $inside = substr($path, strlen('/usr/'));
        $phar[$inside] = str_replace('/usr/share/php/', $own, file_get_contents($path));
    }
}
$program = preg_replace('/\A#!.*\n/', '', file_get_contents('/usr/bin/composer'));
$phar['bin/composer'] = str_replace('/usr/share/php/', $own, $program);
$phar->setStub(<<<'STUB'
#!/usr/bin/env php
<?php
Phar::mapPhar('composer.phar');
set_include_path('phar://composer.phar/share/php' . PATH_SEPARATOR . get_include_path());
require 'phar://composer.phar/bin/composer';
__HALT_COMPILER();
STUB);
$phar->stopBuffering();
