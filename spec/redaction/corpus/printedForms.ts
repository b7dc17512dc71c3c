/** Names of secrets, as programs, files and services write them. */
export const NAMES = (
  "password PASSWORD DB_PASSWORD SMTP_PASS DB_PASSWD pwd passphrase secret client_secret clientSecret SECRET_KEY_BASE apiKey " +
  "API_KEY x-api-key accessToken refresh_token authToken session_token private_key AWS_SECRET_ACCESS_KEY encryptionKey PGPASSWORD " +
  "MYSQL_ROOT_PASSWORD redisPassword jwt_secret bearerToken signing_key webhook_secret adminPassword spring.datasource.password"
).split(" ");

interface Format {
  readonly print: (name: string, value: string) => string;
  /** Whether the value is quoted, so that it can contain blanks and signs. */
  readonly quoted?: boolean;
}

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The formats in which a name and its value are printed. */
export const FORMATS: Readonly<Record<string, Format>> = {
  dotenv: { print: (name, value) => `PORT=3000\n${name}=${value}\nHOST=db` },
  "dotenv, quoted": { print: (name, value) => `${name}="${value}"`, quoted: true },
  shell: { print: (name, value) => `export ${name}='${value}'; npm start`, quoted: true },
  json: {
    print: (name, value) => `{"host":"db","${name}":${JSON.stringify(value)},"port":5432}`,
    quoted: true,
  },
  "json, indented": {
    print: (name, value) => JSON.stringify({ host: "db", [name]: value, port: 1 }, null, 2),
    quoted: true,
  },
  "json in json": {
    print: (name, value) => JSON.stringify({ body: JSON.stringify({ [name]: value, a: 1 }) }),
    quoted: true,
  },
  yaml: { print: (name, value) => `db:\n  host: db\n  ${name}: ${value}\n  port: 5432` },
  "yaml, quoted": { print: (name, value) => `  ${name}: "${value}"`, quoted: true },
  toml: { print: (name, value) => `[db]\nhost = "db"\n${name} = "${value}"`, quoted: true },
  ini: { print: (name, value) => `[db]\nhost = db\n${name} = ${value}\nport = 1` },
  properties: { print: (name, value) => `db.host=db\ndb.${name}=${value}` },
  "an xml element": {
    print: (name, value) => `<db><host>db</host><${name}>${value}</${name}></db>`,
  },
  "an xml attribute": { print: (name, value) => `<db host="db" ${name}="${value}" port="1"/>` },
  "xml, key and value": { print: (name, value) => `<add key="${name}" value="${value}" />` },
  "a ruby hash": {
    print: (name, value) => `{"host" => "db", "${name}" => "${value}"}`,
    quoted: true,
  },
  "a ruby hash of symbols": {
    print: (name, value) => `{:host=>"db", :${name}=>"${value}"}`,
    quoted: true,
  },
  "a php array": {
    print: (name, value) => `'host' => 'db',\n'${name}' => '${value}',`,
    quoted: true,
  },
  "a php constant": { print: (name, value) => `define('${name}', '${value}');` },
  go: { print: (name, value) => `${name} := "${value}"`, quoted: true },
  "a go struct": { print: (name, value) => `&{Host:db ${pascal(name)}:${value} Port:1}` },
  "a rust struct": {
    print: (name, value) => `Config { host: "db", ${name}: "${value}" }`,
    quoted: true,
  },
  "a java object": { print: (name, value) => `Config(host=db, ${name}=${value}, port=1)` },
  "a python dictionary": {
    print: (name, value) => `{'host': 'db', '${name}': '${value}'}`,
    quoted: true,
  },
  "an inspected object": {
    print: (name, value) => `{ host: 'db', '${name}': '${value}', port: 1 }`,
    quoted: true,
  },
  "a map": {
    print: (name, value) => `Map(2) { 'host' => 'db', '${name}' => '${value}' }`,
    quoted: true,
  },
  "form data": {
    print: (name, value) =>
      `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--x--`,
  },
  "a form": {
    print: (name, value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}&user=anna`,
  },
  "a query": { print: (name, value) => `/login?user=anna&${name}=${encodeURIComponent(value)}` },
  "name and value": {
    print: (name, value) => `{"name":"${name}","value":"${value}"}`,
    quoted: true,
  },
  "kubernetes environment": {
    print: (name, value) => `env:\n  - name: ${name}\n    value: ${value}\n  - name: A`,
  },
  "compose environment": {
    print: (name, value) => `environment:\n  - HOST=db\n  - ${name}=${value}`,
  },
  "a docker command": {
    print: (name, value) => `docker run -e HOST=db -e ${name}=${value} postgres:16`,
  },
  "a flag": {
    print: (name, value) =>
      `deploy --host db --${name.replaceAll(/[._]/g, "-")} ${value} --verbose`,
  },
  "a flag with a sign": { print: (name, value) => `deploy --${name}=${value} --verbose` },
  logfmt: { print: (name, value) => `level=info host=db ${name}=${value} msg="connected"` },
  "a log line": {
    print: (name, value) => `2026-11-26T07:00:00Z INFO config ${name}: '${value}'`,
    quoted: true,
  },
  "a header": { print: (name, value) => `Host: db\r\n${name}: ${value}\r\nAccept: */*` },
  "a header list": { print: (name, value) => `[ 'Host', 'db', '${name}', '${value}' ]` },
  terraform: { print: (name, value) => `variable "host" {}\n${name}   = "${value}"`, quoted: true },
  powershell: { print: (name, value) => `$env:${name} = "${value}"`, quoted: true },
  "a windows command": { print: (name, value) => `set ${name}=${value}\r\nnpm start` },
  "a dockerfile": { print: (name, value) => `FROM node:22\nENV ${name} ${value}\nRUN npm ci` },
  typescript: {
    print: (name, value) => `const config = { ${name.replaceAll(/\W/g, "_")}: "${value}" };`,
    quoted: true,
  },
  "a comparison": {
    print: (name, value) => `if (${name.replaceAll(/\W/g, "_")} === "${value}") return;`,
    quoted: true,
  },
  plist: { print: (name, value) => `<key>${name}</key>\n<string>${value}</string>` },
  percent: { print: (name, value) => encodeURIComponent(`{"${name}":"${value}"}`), quoted: true },
};

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Where secrets appear without a name of their own: in commands, protocols, files and addresses. */
export const PLACES: Readonly<Record<string, (secret: string) => string>> = {
  netrc: (secret) => `machine api.example.com login anna password ${secret}`,
  "netrc on lines": (secret) => `machine api.example.com\n  login anna\n  password ${secret}\n`,
  "curl -u": (secret) => `curl -u anna:${secret} https://api.example.com`,
  "curl --user": (secret) => `curl -s --user 'anna:${secret}' https://api.example.com`,
  "curl -H": (secret) => `curl -H "Authorization: Bearer ${secret}" https://api.example.com`,
  "curl -H of a key": (secret) => `curl -H 'X-Api-Key: ${secret}' https://api.example.com`,
  "curl -b": (secret) => `curl -H "Cookie: session=${secret}; theme=dark" https://x.example`,
  wget: (secret) => `wget --user anna --password ${secret} https://x.example/a`,
  "psql address": (secret) => `psql postgresql://anna:${secret}@db:5432/land`,
  PGPASSWORD: (secret) => `PGPASSWORD=${secret} psql -h db -U anna`,
  "a libpq string": (secret) => `host=db port=5432 user=anna password=${secret} dbname=land`,
  "mysql address": (secret) => `mysql://anna:${secret}@db/land`,
  "mysql -p": (secret) => `mysql -u anna -p${secret} land`,
  "mongodb address": (secret) =>
    `mongodb+srv://anna:${secret}@c0.example.net/land?retryWrites=true`,
  "mongo -p": (secret) => `mongosh --host db -u anna -p ${secret}`,
  "redis address": (secret) => `redis://:${secret}@cache:6379/0`,
  "redis AUTH": (secret) => `AUTH ${secret}`,
  "redis-cli -a": (secret) => `redis-cli -h cache -a ${secret} ping`,
  requirepass: (secret) => `requirepass ${secret}`,
  "amqp address": (secret) => `amqps://anna:${secret}@mq:5671/vhost`,
  "sql server": (secret) =>
    `Server=db,1433;Database=land;User Id=sa;Password=${secret};Encrypt=true`,
  "sql server, jdbc": (secret) =>
    `jdbc:sqlserver://db:1433;databaseName=land;user=sa;password=${secret}`,
  "postgres, jdbc": (secret) => `jdbc:postgresql://db/land?user=anna&password=${secret}`,
  "oracle, jdbc": (secret) => `jdbc:oracle:thin:scott/${secret}@//db:1521/orcl`,
  sqlplus: (secret) => `sqlplus scott/${secret}@orcl`,
  "cosmos, account key": (secret) =>
    `AccountEndpoint=https://x.documents.azure.com/;AccountKey=${secret}==;`,
  cassandra: (secret) => `ALTER ROLE anna WITH PASSWORD = '${secret}' AND LOGIN = true;`,
  "create user": (secret) => `CREATE USER anna IDENTIFIED BY '${secret}';`,
  grant: (secret) => `GRANT ALL ON land.* TO 'anna'@'%' IDENTIFIED BY "${secret}"`,
  "alter user": (secret) => `ALTER USER anna WITH ENCRYPTED PASSWORD '${secret}';`,
  "set password": (secret) => `SET PASSWORD FOR 'anna'@'%' = PASSWORD('${secret}');`,
  "docker login": (secret) => `docker login -u anna -p ${secret} registry.example.com`,
  "helm --set": (secret) => `helm install db bitnami/postgresql --set auth.password=${secret}`,
  kubectl: (secret) => `kubectl create secret generic db --from-literal=password=${secret}`,
  "a kubernetes secret": (secret) => `kind: Secret\nstringData:\n  password: ${secret}\n`,
  "a kubernetes secret, encoded": (secret) =>
    `kind: Secret\ndata:\n  password: ${base64(secret)}\n`,
  sshpass: (secret) => `sshpass -p ${secret} ssh anna@host`,
  ldapsearch: (secret) => `ldapsearch -x -D cn=admin,dc=x -w ${secret} -b dc=x`,
  openssl: (secret) => `openssl rsa -in key.pem -passin pass:${secret}`,
  keytool: (secret) => `keytool -list -keystore a.jks -storepass ${secret}`,
  sqlcmd: (secret) => `sqlcmd -S db -U sa -P ${secret} -Q "select 1"`,
  "smtp AUTH": (secret) => `AUTH PLAIN ${base64(`\0anna\0${secret}`)}`,
  "ftp PASS": (secret) => `USER anna\r\nPASS ${secret}\r\n`,
  npmrc: (secret) => `//registry.example.com/:_authToken=${secret}`,
  "npmrc, base64": (secret) => `//registry.example.com/:_auth=${base64(`anna:${secret}`)}`,
  pypirc: (secret) => `[pypi]\nusername = anna\npassword = ${secret}`,
  "git credentials": (secret) => `https://anna:${secret}@git.example.com`,
  "git remote": (secret) =>
    `fatal: unable to access 'https://oauth2:${secret}@git.example.com/a/b.git/'`,
  maven: (secret) =>
    `<server><id>x</id><username>anna</username><password>${secret}</password></server>`,
  nuget: (secret) => `<add key="ClearTextPassword" value="${secret}" />`,
  "web.config": (secret) => `<add name="Db" connectionString="Server=db;Uid=sa;Pwd=${secret};" />`,
  wordpress: (secret) => `define( 'DB_PASSWORD', '${secret}' );`,
  "rails database.yml": (secret) => `production:\n  username: anna\n  password: ${secret}\n`,
  django: (secret) => `'USER': 'anna', 'PASSWORD': '${secret}', 'HOST': 'db'`,
  har: (secret) =>
    `{"headers":[{"name":"Accept","value":"*/*"},{"name":"Authorization","value":"Bearer ${secret}"}]}`,
  "har, cookies": (secret) => `{"name":"Cookie","value":"sid=${secret}"}`,
  "har, form": (secret) =>
    `{"params":[{"name":"user","value":"a"},{"name":"password","value":"${secret}"}]}`,
  "raw headers": (secret) =>
    `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${base64(`anna:${secret}`)}\r\n\r\n`,
  "set-cookie": (secret) => `Set-Cookie: __Host-session=${secret}; Path=/; HttpOnly; Secure`,
  "inspected headers": (secret) => `Headers { authorization: 'Bearer ${secret}', accept: '*/*' }`,
  "a stack with an address": (secret) =>
    `Error: 401 for https://api.example.com/v1/me?access_token=${secret}\n    at f (a.js:1:2)`,
  "a stack with credentials": (secret) =>
    `FetchError: request to https://anna:${secret}@api.example.com failed\n    at g (b.js:3:4)`,
  "a redirect": (secret) => `Location: https://app.example.com/cb#access_token=${secret}&state=x`,
  "a presigned address": (secret) =>
    `https://b.s3.amazonaws.com/k?X-Amz-Signature=${secret}&X-Amz-Expires=60`,
  "a shared access signature": (secret) =>
    `https://x.blob.core.windows.net/c/b?sv=2026-01-01&sig=${secret}`,
  systemd: (secret) => `Environment="DB_PASSWORD=${secret}" "HOST=db"`,
  setx: (secret) => `setx DB_PASSWORD ${secret} /M`,
  fish: (secret) => `set -x DB_PASSWORD ${secret}`,
  "aws configure": (secret) => `aws configure set aws_secret_access_key ${secret}`,
  "a secure string": (secret) =>
    `ConvertTo-SecureString -String "${secret}" -AsPlainText -Force # password`,
  "a smb mount": (secret) =>
    `mount -t cifs //server/share /mnt -o username=anna,password=${secret}`,
  "a credential of jaas": (secret) =>
    `PlainLoginModule required username="anna" password="${secret}";`,
  "an argument list": (secret) => `[ 'psql', '--password', '${secret}' ]`,
  "json-rpc": (secret) =>
    `{"jsonrpc":"2.0","method":"login","params":{"user":"anna","password":"${secret}"}}`,
  graphql: (secret) =>
    `{"query":"mutation($p:String!){login(password:$p)}","variables":{"password":"${secret}"}}`,
  "an assembled sentence": (secret) => `login failed for anna with password ${secret}`,
};
