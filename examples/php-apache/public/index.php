<?php

declare(strict_types=1);

use Guestbook\Entries;
use Guestbook\Visits;

require __DIR__ . '/../vendor/autoload.php';

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$answer = ['app' => 'guestbook', 'php' => PHP_VERSION, 'uid' => posix_geteuid()];

if ($path === '/entries' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    (new Entries())->add((string) file_get_contents('php://input'));
    http_response_code(201);
} elseif ($path === '/entries') {
    $answer += ['entries' => (new Entries())->latest(), 'visits' => Visits::next()];
} elseif ($path !== '/' && $path !== '/healthz') {
    http_response_code(404);
}
header('Content-Type: application/json');
echo json_encode($answer, JSON_THROW_ON_ERROR), "\n";
